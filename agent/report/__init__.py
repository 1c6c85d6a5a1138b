"""What Deskhand would have done against what people did: over recorded decisions, and over past tickets."""
