"""Turnus: a self-hosted sales CRM that knows that deals recur."""
