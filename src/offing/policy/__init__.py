"""What if: reforms of rules, rates and demand."""
