"""The application: domain, analysis, exchange, reports, services and start-up."""
