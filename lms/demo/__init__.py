"""A fictional school month to try the product with: people, classes, what they did; all of it by rule."""
