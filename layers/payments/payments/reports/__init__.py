"""What the merchant's people read: the ledger as lines, the files made of them, and one page a day.

Rules of this package
  * A line holds no customer's data: ids, amounts, codes and times only, so that a report may be passed on.
  * A sum is made of the very lines that the reader sees above it, never counted a second way.
  * Lines are written as they come and forgotten: a file of a hundred thousand takes no more memory than one of ten.
"""
