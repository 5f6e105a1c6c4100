"""The words for everything that can be refused, wrong or asked: code and values -> a sentence in the active language."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from turnus.core.issues import Issue
from turnus.kit import formats
from turnus.kit.errors import UserError
from turnus.kit.messages_about_files import SENTENCES_ABOUT_FILES
from turnus.kit.messages_about_imports import SENTENCES_ABOUT_IMPORTS
from turnus.kit.messages_at_the_edge import SENTENCES_AT_THE_EDGE

#: Sentences by code. Values stand in braces; every code of the program has its sentence (a test holds it).
SENTENCES: Mapping[str, Any] = {
    **SENTENCES_ABOUT_FILES,
    **SENTENCES_ABOUT_IMPORTS,
    **SENTENCES_AT_THE_EDGE,
    "answer.missing": _(
        "Nobody is there to answer “{question}”. Give the answers as options; --help lists them."
    ),
    "access.beyond": _("Only an admin can change {name}, who has rights that you do not have."),
    "access.denied": _("You may not do this. Ask an admin for the right to do it."),
    "access.grants_more": _("You can only give rights that you have yourself. Ask an admin."),
    "access.import_adds": _(
        "You may not add “{word}”. Ask an admin for the right, or to add it first."
    ),
    "access.sees_more": _(
        "Only an admin can set this password: {name} sees records that you do not see."
    ),
    "access.team_left": _(
        "Only an admin can take people out of the team “{team}”: they would keep files of records that you do not see."
    ),
    "access.team_outside": _(
        "Only an admin can put this person into the team “{team}”: hidden records would become visible."
    ),
    "bulk.nothing": _("Nothing was changed: you may change none of the records that you chose."),
    "check.column_unsaid": _(
        "No field takes the column “{heading}”, which holds for example “{sample}”."
    ),
    "check.columns_rule": _("Left out, because they are computed: {headings}."),
    "check.columns_said": _("Left out, as you said: {headings}."),
    "check.missing_person": _(
        "No column names the customer: neither contact person nor organization."
    ),
    "check.missing_status": _("No column says the status: deals become open."),
    "check.missing_value": _("No column holds a value: deals count as 0."),
    "check.no_rows": _("The file has headings, but no rows."),
    "check.note": _("{count} × {note} (rows {rows})"),
    "check.question_encoding": _(
        "It is not certain in which encoding the file is written: {words}"
    ),
    "check.question_hidden": _("The spreadsheet hides {count} rows (rows {rows}). Are they meant?"),
    "check.question_status": _(
        "Nothing says which deals are won. dated: those with a day are; won: all; stage: as the stage says; open: none."
    ),
    "check.read_as": _("Read as {encoding}, separated by {delimiter}."),
    "check.read_words": _("The encoding is right if these words are: {words}. If not: --encoding"),
    "check.say_columns": _(
        "These columns stay out. Give them a field (--mapping), or leave them out on purpose (--ignore COLUMN, or --ignore-others)."
    ),
    "check.heading_row": _(
        "The headings are in row {row}; {count} rows above them are left out. To choose another row: --heading-row"
    ),
    "check.hidden_columns": _(
        "The spreadsheet hides these columns; they are read as well: {headings}."
    ),
    "check.hidden_left_out": _(
        "Left out, as you said: {count} rows that the spreadsheet hides (rows {rows})."
    ),
    "check.hidden_read": _(
        "Read, as you said: {count} rows that the spreadsheet hides (rows {rows})."
    ),
    "check.hidden_sheets": _("The workbook hides the sheets {sheets}."),
    "check.say_sheet": _(
        "Nothing is written before it is said which sheet is meant (--sheet): “{sheet}” was read, but there are rows in {sheets} as well."
    ),
    "check.sheet": _("Sheet “{sheet}” was read; there are rows in {sheets} as well."),
    "check.totals_left_out": _("Left out, as you said: {count} lines of totals (rows {rows})."),
    "check.totals_read": _("Read, as you said: {count} lines of totals (rows {rows})."),
    "check.totals_unsaid": _(
        "Lines of totals that were left out: {count} (rows {rows}). Confirm it: --totals leave-out, or --totals read"
    ),
    "contact.bills_others": _("Other organizations are billed with this one. Change that first."),
    "contact.bills_with_itself": _(
        "An organization cannot be billed with itself, also not by way of others."
    ),
    "contact.has_deals": _("There are deals with this contact. Delete or move them first."),
    "contact.not_found": _("There is no contact called “{name}”."),
    "contact.unknown": _("This contact does not exist, or you cannot see it."),
    "currency.invalid": _("“{code}” is not a currency code of three letters, such as EUR."),
    "currency.not_used": _(
        "Your company does not use the currency “{code}”. Its currencies: {codes}."
    ),
    "database.damaged": _(
        "The database is damaged ({reason}). Stop the server and restore a backup."
    ),
    "database.empty": _(
        "The database is empty, although this instance was set up before. Is it the right one? If it is lost, restore a backup; "
        "to begin anew: turnus init --anew"
    ),
    "database.unwritable": _(
        "The database cannot be written ({reason}). Is the disk full? Make room and try again; nothing is lost."
    ),
    "database.gone": _(
        "The database of this instance is missing ({file}). Restore a backup, or set DATABASE_URL if the database is PostgreSQL; "
        "to begin anew: turnus init --anew"
    ),
    "day.invalid": _("“{day}” is not a day. Expected, for example: 2025-06-30."),
    "deal.contact_missing": _("A deal needs a contact person or an organization."),
    "deal.contact_trashed": _("The deal's contact lies in the trash. Restore it first."),
    "deal.line_without_name": _("Each line needs a name."),
    "deal.lost_at_needs_status": _("Only a lost deal has a lost time."),
    "deal.stamp_admin_only": _("Only admins may change the won or lost time of a closed deal."),
    "deal.won_at_needs_status": _("Only a won deal has a won time."),
    "email.invalid": _("“{email}” is not an e-mail address."),
    "email.taken": _("Somebody already signs in as {email}."),
    "export.broke_off": _(
        "The export broke off because of an error in the program. Details are in the log."
    ),
    "export.done": _("{rows} rows: {file}"),
    "export.texts_cut": _(
        "Texts in {count} rows are longer than a cell of XLSX holds. They are cut there, and say so: {rows}. CSV holds them whole."
    ),
    "export.incomplete": _("Only {written} of {expected} rows could be written. Please try again."),
    "export.gone": _("This file is no longer kept. Export the list again."),
    "field.kind_unknown": _("There is no field type “{kind}”."),
    "field.options_missing": _("Give at least one option, one on each line."),
    "field.changed_meanwhile": _(
        "Somebody else changed “{field}” in the meantime. Nothing was saved."
    ),
    "field.required": _("Please fill in: {field}."),
    "field.unknown": _("There is no field “{field}” here."),
    "file.is_folder": _("{path} is a folder. Give a file in it."),
    "file.missing": _("There is no file {path}."),
    "data.refused": _("{path} cannot be the data folder: {reason}."),
    "filter.broken": _("This filter cannot be read (at {place})."),
    "filter.field_gone": _(
        "The filter has a condition on the field “{field}”, which no longer exists. "
        "Change the filter, or it would let through more than it was made for."
    ),
    "filter.gone": _(
        "This filter no longer exists, or is not shared with you. Choose another one."
    ),
    "filter.unknown": _("There is no filter called “{name}”."),
    "history.blank_currency": _(
        "No currency is given where other rows have one; {currency} was taken."
    ),
    "history.blank_value": _("No value is given; it counts as 0."),
    "history.dates_day_first": _(
        "{column}: read with the day first, because {fitting} of {distances} gaps between deals then fit their plans, otherwise {other}."
    ),
    "history.dates_month_first": _(
        "{column}: read with the month first, because {fitting} of {distances} gaps between deals then fit their plans, otherwise {other}."
    ),
    "history.encoding_doubtful": _(
        "It is not certain that the file is written in {encoding}: {words}. Say it with --encoding, for example cp1252, mac-roman or cp850."
    ),
    "history.equal_row": _("The row is equal to one above it in all cells; both are counted."),
    "history.no_customer": _("Neither organization nor contact person is given."),
    "history.no_customers": _(
        "No column says who the customer is. Expected “Organization” or “Contact person”, found: {headings}."
    ),
    "history.no_date": _("No won time is given."),
    "history.no_dates": _(
        "No column says when deals were won. Expected “Won time”, found: {headings}."
    ),
    "history.no_values": _(
        "No column holds the deals' values. Expected “Value”, found: {headings}."
    ),
    "history.no_column": _("The file has no column “{heading}”. Its columns: {headings}."),
    "history.no_rows": _("The file has headings, but no rows."),
    "history.no_won": _("None of the {rows} rows is a won deal that can be read: {reasons}."),
    "history.numbers_english": _(
        "{column}: read with a decimal point, as the rest of the file: “{text}” is in thousands."
    ),
    "history.numbers_german": _(
        "{column}: read with a decimal comma, as the rest of the file: “{text}” is in thousands."
    ),
    "history.one_file": _(
        "Give one file; these are {count}. Put the rows of several into one first."
    ),
    "history.rates_missing": _(
        "Deals are in {codes} too. Say what one unit of each is worth in {currency}, for example: {example}"
    ),
    "history.unreadable": _(
        "Nothing was worked out, because rows cannot be read: {count}.\n{details}\nPut them right, or go on without them: --leave-out-unreadable"
    ),
    "person.import_running": _("An import is running. Erase the data when it has finished."),
    "person.output_missing": _("Say where to write the data: -o FILE."),
    "person.unconfirmed": _("Nothing was erased: the number of the person was not typed."),
    "person.missing": _("No person has the number, email address or name “{given}”."),
    "person.not_one": _("“{given}” names {count} persons. Give the number of one: {numbers}."),
    "json.not_object": _("{path}: expected a JSON object."),
    "mapping.options_open": _(
        "Say for each option which plan it means, or that it does not recur: {options}."
    ),
    "name.taken": _("There already is one called “{name}”."),
    "output.ending": _("The name of the file must end in {endings}, not as in “{file}”."),
    "output.is_folder": _("{path} is a folder. Name a file in it."),
    "output.is_source": _("{path} is the file that is read. Name another one to write."),
    "output.no_folder": _("There is no folder {folder}. Make it first, or name another one."),
    "output.refused": _("{path} cannot be written: {reason}."),
    "password.different": _("The two passwords are not the same."),
    "password.throttled": _("Too many attempts. Wait a few minutes, then try again."),
    "password.weak": _("Please choose another password. {reasons}"),
    "password.wrong": _("The present password is not right."),
    "period.invalid": _(
        "“{period}” is no period. Expected a month (2026-12), a quarter (2026-Q4), a year (2026) or days (2026-12-01..2026-12-15)."
    ),
    "pipeline.has_deals": _("{count} deals are in this pipeline. Move or delete them first."),
    "pipeline.last": _("The last pipeline cannot be deleted."),
    "plan.cadence_invalid": _("This is no cadence. Give a number between 1 and 999 and a unit."),
    "plan.days_invalid": _(
        "“{days}” names no two days of the month. Write them like 10/25; the last day is 31, as in 15/31."
    ),
    "plan.in_use": _("{count} subscriptions have this plan. Give them another one first."),
    "port.refused": _("Cannot listen on {host}, port {port}: {reason}."),
    "port.taken": _("Port {port} is taken. Choose another one with --port."),
    "probability.range": _("A probability lies between 0 and 100 per cent."),
    "rate.invalid": _("“{rate}” is not an exchange rate."),
    "rate.pair_invalid": _(
        "“{pair}” is not an exchange rate. Expected, for example: --rate CHF=0.95"
    ),
    "detection.no_deals": _(
        "There is nothing to detect: it takes won deals that pay for no term yet and that you may change."
    ),
    "detection.closed": _(
        "This proposal takes no answers any more. Start a new one; what was answered is remembered."
    ),
    "detection.written": _("What was written has to be taken back first."),
    "detection.unconfirmed": _("The MRR changes. Confirm that by ticking the box below it."),
    "detection.moved": _("The proposal has changed since you looked at it. Look at it again."),
    "detection.deal_unknown": _("This deal is no part of the history any more."),
    "detection.first_of_line": _(
        "The subscription begins with this deal already. Choose a later one."
    ),
    "detection.join_two": _(
        "Tick deals of at least two subscriptions; at most one of these may be here already."
    ),
    "detection.nothing_to_undo": _(
        "Nothing was answered about this customer that could be undone."
    ),
    "radar.changed": _("What is found has changed since the preview. Look at it again."),
    "radar.does_not_fit": _("This cannot be done about everything that is ticked."),
    "radar.none_chosen": _("Tick at least one finding."),
    "radar.nothing": _("Nothing is missing and nothing is there twice."),
    "radar.missed": _(
        "Terms that are due and not booked: {count}, the first since {day} ({late} days)."
    ),
    "radar.number": _("Term {number} of {day} is missing between two that are booked."),
    "radar.gone": _("Term {number} of {day}: its deal was removed for good."),
    "radar.forgotten": _(
        "Term {number} of {day} counts, for copies before and after it are here, but nobody entered it."
    ),
    "radar.trashed": _("Term {number} of {day}: its deal lies in the trash."),
    "radar.lost": _("Term {number} of {day}: its deal is lost, but later terms are booked."),
    "radar.open": _(
        "Term {number} of {day}: its deal is still open, later than the grace of the plan."
    ),
    "radar.deal_twice": _(
        "“{title}”, won on {day}, books no term. The term from {starts_day} to {last_day} is booked by “{other}”: same customer, amount and days."
    ),
    "radar.deal_twice.imported": _(
        "“{title}”, won on {day} and imported, books no term. The term from {starts_day} to {last_day} is booked by “{other}”: same customer, amount and days."
    ),
    "radar.subscription_twice": _(
        "It runs since {day} beside “{other}” of {other_day}: same customer and price, paid as often."
    ),
    "radar.credit": _(
        "“{title}”, won on {day}, takes back what it costs, {money}, but it goes on."
    ),
    "radar.credit.end": _(
        "Let this subscription end with the term that is paid. Its deals stay, also the negative one."
    ),
    "radar.missed.book": _(
        "Book what is due up to today, each term won on its own day. Terms: {count}, together {money}."
    ),
    "radar.missed.skip": _(
        "Leave out what is due up to today. Terms: {count}. Nothing is booked or paid for them."
    ),
    "radar.number.book": _("Book term {number} by a new deal of {money}, won on {day}."),
    "radar.number.skip": _("Leave term {number} out; nothing is booked or paid for it."),
    "radar.gone.book": _("Book term {number} by a new deal of {money}, won on {day}."),
    "radar.gone.skip": _("Leave term {number} out; nothing is booked or paid for it."),
    "radar.forgotten.book": _("Book term {number} by a new deal of {money}, won on {day}."),
    "radar.forgotten.skip": _("Leave term {number} out; nothing is booked or paid for it."),
    "radar.trashed.book": _(
        "Take the deal of term {number} out of the trash, won on {day}, if it was not won before."
    ),
    "radar.trashed.skip": _("Leave term {number} out; its deal stays in the trash."),
    "radar.lost.book": _("Let the deal of term {number} be won on {day}."),
    "radar.lost.skip": _("Leave term {number} out; its deal stays lost."),
    "radar.open.book": _("Win the deal of term {number} on {day}."),
    "radar.open.skip": _("Leave term {number} out; its deal is lost."),
    "radar.deal_twice.trash": _(
        "Move the deal “{title}” of {day} to the trash. The term keeps its own deal."
    ),
    "radar.subscription_twice.end": _(
        "Let this subscription end with the term that is paid. Its deals stay."
    ),
    "radar.subscription_twice.trash": _("Move this subscription to the trash. Its deals stay."),
    "record.changed_meanwhile": _("Somebody else changed this in the meantime. Nothing was saved."),
    "renewal.moved_on": _("This renewal has moved on meanwhile. Look at the list again."),
    "renewal.no_rise": _("Give a percentage or an amount."),
    "renewal.deals_without_subscription": _(
        "None of these deals belongs to a subscription. Begin subscriptions for them first."
    ),
    "renewal.none_chosen": _("Choose at least one subscription."),
    "renewal.nothing_due": _("Nothing is due on {on}."),
    "renewal.price_negative": _("A price cannot be less than nothing."),
    "renewal.undo_later_first": _("Later terms were booked since. Take that run back first."),
    "renewal.undo_new_stretch": _(
        "A new stretch of terms began since, after a pause or with a new price. This run stays."
    ),
    "renewal.wrong_state": _("This renewal run has moved on meanwhile. Reload the page."),
    "run.unknown": _("There is no import with the number {run}."),
    "setup.locked": _(
        "This instance is not set up yet. Open the address that “turnus serve” printed in the terminal when it started, "
        "or run “turnus init” on the server."
    ),
    "setup.done": _("This instance is set up already."),
    "setup.missing": _("This instance is not set up yet. Run “turnus init” first."),
    "span.start_missing": _("The start is missing."),
    "stage.gone": _("This stage does not exist any more."),
    "stage.has_deals": _("{count} deals are in this stage. Choose where to move them."),
    "stage.last": _("A pipeline needs at least one stage."),
    "stage.none": _("There is no pipeline with stages yet."),
    "subscription.days_without_plan": _(
        "Two days of the month fit a plan of twice a month only, not “{plan}”."
    ),
    "subscription.deal_not_won": _("Only a won deal begins a subscription."),
    "subscription.deal_taken": _("This deal books a term of a subscription already."),
    "subscription.end_before_start": _("A subscription cannot end before it begins."),
    "subscription.no_plan_change": _(
        "{on} is neither the next due day nor inside the running term, or a later term is booked already."
    ),
    "subscription.not_inside_term": _(
        "{on} lies outside the running term, or a later term is booked already."
    ),
    "subscription.other_currency": _("The price must be in the currency of the subscription."),
    "subscription.plan_missing": _("Choose a plan."),
    "subscription.preview_moved": _("Something has changed since the preview. Look at it again."),
    "subscription.price_missing": _("Give the price of one period."),
    "subscription.term_begins": _(
        "A term begins on {on}, and it is booked at its price already. Choose a later day inside it, or leave the day blank: then the price"
        " holds from the next term on."
    ),
    "subscription.resume_before_stop": _("A subscription can go on only after the day it stopped."),
    "undo.conflict": _("Left alone, because it was changed or is used: {kind} {id} {cell}"),
    "undo.stays": _("What was added in the settings stays: {words}."),
    "undo.done": _("Taken back: {trashed} records moved to the trash, {restored} set back."),
    "user.last_admin": _("This is the last admin. Make somebody else an admin first."),
    "user.unknown": _("Nobody signs in as {email}."),
    "value.invalid": _("“{text}” cannot be read as this kind of value."),
    "value.refused": _("{field}: {reason}"),
    "verdict.begun": _("Subscriptions begun"),
    "verdict.booked": _("Terms booked of subscriptions that are here"),
    "verdict.new": _("New"),
    "verdict.part": _("Changes of the subscriptions"),
    "verdict.problem": _("Problems"),
    "verdict.question": _("Waiting for an answer"),
    "verdict.rows": _("Rows"),
    "verdict.same": _("Unchanged"),
    "verdict.skip": _("Skipped"),
    "verdict.update": _("Updated"),
    "verdict.warning": _("With a note"),
    "zone.unknown": _("There is no time zone “{zone}”. Expected, for example: Europe/Berlin."),
    "report.day_and_days": _("Give either a single day, or the first and the last day."),
    "report.day_out_of_bounds": _(
        "{given_day} is out of bounds. A report shows days from {first_day} to {last_day}."
    ),
    "report.days_after_known": _(
        "The report begins on {first_day}, after {known_day}, the day whose knowledge is asked for. Let it begin earlier."
    ),
    "report.days_ahead": _(
        "The report begins on {first_day}, after today ({present_day}): nothing has happened then yet. Let it begin earlier."
    ),
    "report.days_reversed": _(
        "The report's last day ({last_day}) lies before its first day ({first_day})."
    ),
    "report.option_unknown": _("The report “{report}” does not know {option}."),
    "report.known_ahead": _(
        "Nobody knows yet what will be known on {known_day}. Choose today or a day before."
    ),
    "report.too_many_lines": _(
        "The report would have {count} lines; {most} are possible. Choose fewer days or a longer period."
    ),
    "report.no_figure": _("There is no such figure “{figure}”. Figures of this report: {figures}."),
    "row.amount_fine": _("{amount} has more decimals than amounts in {currency} have."),
    "row.amount_rounded": _("“{text}” has more decimals than can be kept. It is rounded."),
    "row.arrived": _(
        "What this row would add has been added in another way since the check. Check the file again."
    ),
    "row.bills_with_itself": _("The organization would be billed with itself, by way of others."),
    "row.blank_currency": _(
        "Blank, unlike in other rows: the company's currency {currency} was taken."
    ),
    "row.blank_lost_time": _("Blank, unlike in other rows: lost on the day of the import."),
    "row.blank_owner": _("Blank, unlike in other rows: whoever imports is the owner."),
    "row.blank_paid_until": _("Blank, unlike in other rows: paid until today."),
    "row.blank_stage": _("Blank, unlike in other rows: the first stage was taken."),
    "row.blank_status": _("Blank, unlike in other rows: the deal becomes open."),
    "row.blank_value": _("Blank, unlike in other rows: the deal counts as 0."),
    "row.blank_won_time": _("Blank, unlike in other rows: won on the day of the import."),
    "row.cell_merged": _("The cell is merged with others; their value was taken."),
    "row.contact_missing": _(
        "Neither contact person nor organization is given. Fill in one of them."
    ),
    "row.contacts_alike": _("{count} contacts are called “{name}”. The oldest was taken."),
    "row.credit_alone": _(
        "A negative deal that ends no subscription: it counts as a single credit."
    ),
    "row.credit_ends": _(
        "It takes back what “{subscription}” costs. If it ends there, the last day is {last_day}."
    ),
    "row.credit_reduces": _(
        "It takes back a part of “{subscription}”. If that lowers the price, it costs {after} instead of {before} from {due_day}."
    ),
    "row.currency_unknown": _("“{text}” is not one of your currencies."),
    "row.cut": _(
        "The file breaks off in this row, after {found} of {expected} cells. Copy or download it again, or complete the row."
    ),
    "row.date_ambiguous": _("“{text}” can be read as two different days."),
    "row.date_in_future": _("The date lies in the future."),
    "row.date_invalid": _("“{text}” is not a date. Write it like 14.11.2018 or 2018-11-14."),
    "row.date_means_none": _("“{text}” is what programs write where there is no day. Is it meant?"),
    "row.date_weekday": _("“{text}”: this day falls on another day of the week."),
    "row.digits_lost": _(
        "A spreadsheet has shortened the number to “{text}”. Its last digits are lost."
    ),
    "row.days_invalid": _(
        "“{text}” names no two days of the month. Write them like 10/25 or 15/31."
    ),
    "row.days_without_plan": _("Two days of the month fit a plan of twice a month only."),
    "row.email_invalid": _("“{text}” is not an e-mail address."),
    "row.elsewhere": _(
        "The row names another subscription than the one it stands below. Move it below its own."
    ),
    "row.encoding": _(
        "This row is written in {encoding}, unlike the rest of the file. It was read so."
    ),
    "row.empty_word": _("“{text}” stands for nothing. It counts as blank."),
    "row.end_before_start": _("The last day lies before the first day."),
    "row.entry_unknown": _(
        "“{text}” is no kind of row. Write subscription, price change, pause, resume or term left out."
    ),
    "row.error_cell": _("The cell holds a spreadsheet error ({text})."),
    "row.formula_without_result": _(
        "The cell holds a formula without a result. Open the file in a spreadsheet program and save it."
    ),
    "row.hidden": _("The spreadsheet hides this row."),
    "row.long": _(
        "The row has {found} cells, but there are only {expected} headings. Is a separator too many in it?"
    ),
    "row.lost_time_ignored": _("The lost time is left out, because the deal is not lost."),
    "row.multiple_currencies": _("The row names two different currencies."),
    "row.number_ambiguous": _("“{text}” can be read as two different numbers."),
    "row.number_invalid": _("“{text}” is not a number."),
    "row.number_not_whole": _("“{text}” is no whole number."),
    "row.number_shown": _("The cell shows “{text}”. Its number is taken as it is shown."),
    "row.option_unknown": _("“{text}” is not one of the options."),
    "row.orphan": _(
        "There is no subscription above this row. Move it below the row of its subscription."
    ),
    "row.other_currency": _(
        "The subscription is in {currency}, which a change of price cannot change."
    ),
    "row.out_of_range": _("“{text}” is too large or too small."),
    "row.owner_unknown": _("“{text}” is not one of the users."),
    "row.phone_invalid": _("“{text}” is not a phone number and is left out."),
    "row.person_elsewhere": _(
        "Taken for “{name}” of another organization, who has the same e-mail or phone."
    ),
    "row.plan_ignored": _("No subscription begins: only a new won deal begins one."),
    "row.plan_unknown": _(
        "“{text}” is neither a plan nor words for the cadence of one, such as monthly or every two weeks."
    ),
    "row.quote_unclosed": _(
        'A quote (") opens in line {line} of the file and is not closed where its cell ends. The line was read as it stands.'
    ),
    "row.record_changed": _(
        "The record or its contact was changed after the check. Check the row again."
    ),
    "row.closed_time_denied": _(
        "The deal is closed already, and only an admin changes its won or lost time: reports count by it. Leave the time out of this row, "
        "or let an admin import it."
    ),
    "row.record_denied": _("You may not change this record."),
    "row.record_differs": _(
        "The record with the ID {id} here is “{name}”, which is hardly this row."
    ),
    "row.record_here": _("It is here already: deal {id}, “{title}”."),
    "row.record_not_found": _("There is no record with the ID {id} that you may change."),
    "row.required_missing": _("Please fill in: {field}."),
    "row.short": _(
        "The row ends after {found} of {expected} cells. The others were taken for blank."
    ),
    "row.total": _("The row looks like a line of totals."),
    "row.stage_unknown": _("There is no stage “{text}”."),
    "row.status_from_stage": _("The status follows from the stage in the file."),
    "row.status_not_said": _("Nothing says whether the deal is won, lost or open."),
    "row.status_unknown": _("“{text}” is not a status. Write open, won or lost."),
    "row.step_after_end": _("The day lies after the subscription's last day."),
    "row.step_before_start": _("The day lies before the subscription begins."),
    "row.step_no_term": _(
        "No term begins on this day. Give the first day of the term that is left out."
    ),
    "row.step_not_booked": _(
        "The terms up to this day are not paid yet. Give a day of a paid term, or the next due day."
    ),
    "row.step_paused_already": _("The subscription is paused already."),
    "row.subscription_differs": _(
        "The subscription {id} is here already, and has something else there: {field}. Files do not change that. Change it on the "
        "subscription's page, or take it out of the file; for another subscription, give another name and no ID."
    ),
    "row.subscription_here": _("The subscription {id} is here already, unchanged."),
    "row.subscription_like": _("This customer has a subscription like it already: {id}, “{name}”."),
    "row.subscription_not_yours": _(
        "You may not change the subscription {id}. Take it out of the file, or ask its owner."
    ),
    "row.taken_for": _("“{said}” was taken for “{name}”."),
    "row.term_booked": _(
        "“{subscription}” of this customer has booked this period already: {first_day} to {last_day}."
    ),
    "row.term_due": _(
        "“{subscription}” of this customer is due for this period: {first_day} to {last_day}. No won deal books it yet."
    ),
    "row.term_taken": _(
        "Row {row} of this file books this period. Only one deal can: add this one beside it, or skip it."
    ),
    "row.terms_too_many": _(
        "The subscription would have more than {limit} terms. Let it begin later."
    ),
    "row.time_invalid": _("“{text}” is not a time of day."),
    "row.text_cut": _(
        "The text was cut when it was exported, because no cell of XLSX holds it. It was left out; CSV holds it whole."
    ),
    "row.too_long": _("The text has {length} characters; at most {limit} fit."),
    "row.twice": _("Row {row} says the same."),
    "row.won_time_ignored": _("The won time is left out, because the deal is not won."),
    "row.with_others": _("It stays out together with row {row}, which has a problem."),
    "row.word_ambiguous": _("“{text}” can mean more than one choice here."),
    "row.year_guessed": _(
        "The year of “{text}” is taken for {year}. Write all four digits if another is meant."
    ),
}

#: Built-in fields that sentences name by their keys.
_FIELDS = {
    "name": _("name"),
    "title": _("title"),
    "reason": _("Reason"),
    "description": _("Description"),
    "plan": _("Plan"),
    "price": _("Price per period"),
    "started_on": _("First day"),
    "last_on": _("Last day"),
    "effective_on": _("Effective from"),
    "paused_on": _("Paused from"),
    "organization": _("Organization"),
    "person": _("Contact person"),
    "currency": _("Currency"),
    "booked_to": _("Paid until"),
    "terms": _("what was paid for and when"),
}


#: Values of sentences that are quoted as they were typed: they may be of any length.
_TYPED = frozenset(
    {"code", "day", "days", "email", "key", "name", "pair", "period", "rate", "text", "zone"}
)
_QUOTED = 100


def say(told: UserError | Issue) -> str:
    """Return the sentence for a refusal or an issue, in the active language."""
    return sentence(str(told.code), {key: _said(key, value) for key, value in told.params.items()})


def _said(key: str, value: Any) -> Any:
    """Return a value as a sentence says it: fields by name, days (`..._day`, kept as 2018-11-14) as the language writes them."""
    if key == "field":
        return shortened(str(_FIELDS.get(str(value), value)))
    if key in _TYPED:
        return shortened(str(value))
    if key.endswith("_day") and isinstance(value, str):
        return formats.day(date.fromisoformat(value), (get_language() or "en")[:2])
    return value


def shortened(text: str) -> str:
    """Return a text that somebody typed, so that a sentence can quote it: a hundred letters of it at most."""
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def quoted(words: Iterable[str]) -> str:
    """Return words as a list inside a sentence, in the quotation marks of the active language."""
    return ", ".join(gettext("“{word}”").format(word=word) for word in words)


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """Return the sentence for a code with its values; a code without one shows itself, for the log."""
    template = SENTENCES.get(code)
    if template is None:
        return code
    return str(template).format_map(_Shown(params))


class _Shown(dict[str, Any]):
    """Values of a sentence; one that is missing shows as nothing rather than failing the message."""

    def __missing__(self, key: str) -> str:
        return ""
