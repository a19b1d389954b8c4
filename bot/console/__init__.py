"""The staff console under ``/console``: pages over the services, for whoever signed in."""
