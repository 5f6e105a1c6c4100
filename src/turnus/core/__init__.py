"""What is true about dates, money, rows and filters: pure functions on plain values, standard library only."""
