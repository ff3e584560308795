"""DOES IT CLUSTER: global and local spatial autocorrelation."""
