"""The sentences for everything that can be refused, wrong or asked, by what they are about."""
