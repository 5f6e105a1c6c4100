"""The job queue in the application database: leases, progress, retries, schedules."""
