"""The screens of detecting subscriptions in won deals."""
