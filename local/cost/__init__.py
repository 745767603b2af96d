"""What a month costs: from the template, from calls that were counted, and from AWS's list prices."""
