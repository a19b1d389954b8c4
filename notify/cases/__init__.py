"""Cases of other systems (外网反馈): their progress told to the applicant, with lamps for the case's own limit."""
