"""The journeys under load beside their own yardsticks, in one run; print figures, judge nothing."""
