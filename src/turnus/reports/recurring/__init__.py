"""Reports of recurring revenue: MRR, movements, rates, cohorts, bookings, forecast; each as data, with what its figures are made of."""
