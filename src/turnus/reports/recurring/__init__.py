"""What the reports of recurring revenue are computed from, and what their figures are made of."""
