# Each target is one line over the standard library's Python; README.md gives the pip lines for those without make.
PYTHON ?= python3

.PHONY: run test check bench proof notebooks
run: ; @$(PYTHON) .ci/make.py run $(ARGS)
test: ; @$(PYTHON) .ci/make.py test $(ARGS)
check: ; @$(PYTHON) .ci/make.py check $(ARGS)
bench: ; @$(PYTHON) .ci/make.py bench $(ARGS)
proof: ; @$(PYTHON) .ci/make.py proof $(ARGS)
notebooks: ; @$(PYTHON) .ci/make.py notebooks $(ARGS)
