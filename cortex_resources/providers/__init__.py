"""Pulumi's dynamic providers: property bags to model and back; they decide nothing."""
