"""Parts that plants are put together from: one lever each, with its effect on sales and what it costs."""
