"""What is true about dates, money, rows and filters: pure functions, standard library only."""
