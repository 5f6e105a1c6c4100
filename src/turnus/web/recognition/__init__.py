"""The screens of recognising subscriptions in won deals."""
