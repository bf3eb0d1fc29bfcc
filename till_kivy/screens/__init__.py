"""What the cashier sees: a page shows the register's view and forwards touches and keys."""
