"""What the citizens' site and the staff console share: rendering, static files, protected forms, times in words."""
