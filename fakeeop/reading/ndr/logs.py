"""Lines of mail logs and of clients: Postfix, Exim, sendmail, IIS, .NET, swaks, smtplib, msmtp, nodemailer, curl, and
transcripts of SMTP. Pure.

Each reader takes logical lines and gives findings, none if the lines are not its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from attrs import evolve

from fakeeop.reading.ndr.sign_in import read_sign_in
from fakeeop.reading.ndr.values import OWN_RELAY, NdrFinding, finding, stage_of

__all__ = ["LOG_READERS", "Reader"]

Reader = Callable[[Sequence[str]], list[NdrFinding]]

_POSTFIX = re.compile(
    r"\bto=<([^>]{0,320})>,.{0,300}?\brelay=([^,]{1,300}),.{0,400}?\bdsn=(\d\.\d{1,3}\.\d{1,3}), status=(\w+) \((.*)\)"
)
_POSTFIX_SAID = re.compile(r"host (\S{1,255}?)\[[^\]]{1,60}\](?::\d+)? (?:said|refused to talk to me): (.*)", re.S)
_POSTFIX_BOUNCE = re.compile(r"<([^>]{1,320})>(?: \(expanded from <[^>]{0,320}>\))?: (host \S{1,255}\[.*|.*)")
_IN_REPLY = re.compile(r"\(in reply to ([\w ()]{1,60}?)(?: command)?\)+\s*$")
_EXIM = re.compile(r"(?:^|\s)(\*\*|==) (\S{1,320})")
_EXIM_H = re.compile(r"\bH=(\S{1,255}) \[")
_EXIM_WORDS = "SMTP error from remote mail server after "
_EXIM_AFTER = re.compile(
    r"SMTP error from remote mail server after ([^:]{1,60}?(?: TO:<[^>]{0,320}>| FROM:<[^>]{0,320}>)?[^:]{0,80}): (.*)",
    re.S,
)
_EXIM_HOST = re.compile(r"host (\S{1,255}) \[[^\]]{1,60}\]:? ")
_EXIM_BOUNCE = re.compile(r"^(\S{1,320}@\S{1,255})\s")
_SENDMAIL = re.compile(
    r"\bto=<?([^>,\s]{1,320})>?,.{0,400}?\brelay=(\S{1,255}?)\.? \[[^\]]{1,60}\].{0,100}?\bdsn=(\d\.\d{1,3}\.\d{1,3})"
    r"(?:, reply=(.*?))?, stat=(.*)"
)
_TALKING = re.compile(r"while talking to (\S{1,255}?)\.?:")
_ASKED = re.compile(r">>> ?(.{1,1000})")
_ANSWERED = re.compile(r"<<< ?(\d{3}.*)")
_PATH = re.compile(r"<([^<>\s]{1,320}@[^<>\s]{1,255})>")
_IIS = re.compile(r"\bSMTPSVC\d|OutboundConnection(?:Response|Command)")
_IIS_REPLY = re.compile(r"\bOutboundConnectionResponse\b.*?\s([245]\d\d(?:[+-]\S{1,2000}))")
_IIS_COMMAND = re.compile(
    r"\bOutboundConnectionCommand\b.*?\s(EHLO|HELO|MAIL|RCPT|DATA|BDAT|QUIT|STARTTLS)\b(?:\s+-)?\s*(\S{0,400})"
)
_DOTNET = re.compile(r"(.{0,300}?)The server response was: (.*)", re.S)
_DOTNET_CODES = {
    "Mailbox unavailable": 550,
    "Service not available": 421,
    "Transaction failed": 554,
    "client was not auth": 530,
}
_MAILKIT = re.compile(
    r"MailKit\.\S*(?:SmtpCommandException|AuthenticationException|SmtpProtocolException)\S*?: (?:[A-Z]\w{5,60}: )?(.*)",
    re.S,
)
_SWAKS_SAID = re.compile(r"^(?:=== )?<[-~*]{1,2}\*? +(\d{3}.*)")
_SWAKS_ASKED = re.compile(r"^[-~ ]{1,2}> +(.{1,1000})")
_SMTPLIB_EACH = re.compile(r"['\"]([^'\"\s]{1,320})['\"]: \((\d{3}), b?(['\"])(.*?)\3\)", re.S)
_SMTPLIB = re.compile(
    r"SMTP(SenderRefused|DataError|AuthenticationError|ConnectError|HeloError|ResponseException)\b\S*:? "
    r"\((\d{3}), b?(['\"])(.*?)\3",
    re.S,
)
_MSMTP = re.compile(r"msmtp: server message: (.*)")
_MSMTP_WHAT = re.compile(
    r"msmtp: (?:recipient address (\S{1,320}) not accepted|(envelope from address|authentication|the server).*)"
)
_NODEMAILER = re.compile(
    r"(?:all recipients were rejected|(?:Message|Mail command|Data command) failed|Invalid login|rejected): (\d{3}.*)"
)
_NODEMAILER_COMMAND = re.compile(r"command: ['\"]([A-Z ]{1,30})")
_CURL = re.compile(r"^< (\d{3} .*)|curl: \(\d+\) (?:RCPT|MAIL|AUTH|response reading) failed: (\d{3}.*)")
_SWALLOWED = re.compile(
    r"(?:connect to|lost connection|Connection (?:refused|timed out)|TLS|timed? ?out|Host or domain name)", re.I
)
_COMMAND = re.compile(
    r"^(?:\S{1,12}\s+){0,2}?(?:C:|>>>|[-~]?>|send:)?\s*['\"]?"
    r"(EHLO|HELO|STARTTLS|AUTH|MAIL FROM:|RCPT TO:|DATA|BDAT|RSET|QUIT)(.{0,400})",
    re.I,
)
_ANSWER = re.compile(r"^(?:\S{1,12}\s+){0,2}?(?:S:|<<<|<[-~*]*|reply:)?\s*['\"b]{0,2}([2-5]\d\d)([ -])(.*)")
_END = ("end of data", "")
_OWN_POSTFIX = re.compile(
    r"\b(?:reject|discard): (\w+)(?: from \S{1,300})?: (\d{3} .{1,1000}?)(?:; (?:from|to|proto|client|sender)=|$)"
)
_OWN_EXIM = re.compile(r"\brejected (RCPT|MAIL|EHLO|HELO|DATA|after DATA)\b ?(<[^>]{0,320}>)?:? ?(.{1,500})")
_OWN_SENDMAIL = re.compile(r"\bruleset=(check_\w+), .{0,600}?\breject=(\d{3} .{1,500})")
_OWN_TO = re.compile(r"\bto=<([^>]{1,320})>")
_CONNECT = re.compile(
    r"(?:^|[\s(;])(connect to \S{1,300}: .{3,200}|lost connection with .{3,300}|SSL_connect error to .{3,200})"
)
_PHPMAILER = re.compile(
    r"(?:SMTP server error: |,)?([\w :]{0,40}?)command failed\s*Detail:\s*(.{3,1000}?)\s*SMTP code:\s*(\d{3})"
    r"(?:\s*Additional SMTP info:\s*([245]\.\d{1,3}\.\d{1,3}))?"
)


def _postfix(lines: Sequence[str]) -> list[NdrFinding]:
    found = []
    for line in lines:
        match = _POSTFIX.search(line)
        if match is None:
            continue
        recipient, relay, status, outcome, words = match.groups()
        action = {"sent": "delivered", "deferred": "delayed", "bounced": "failed", "expired": "failed"}.get(outcome)
        host = relay.partition("[")[0]
        one = _postfix_said(words, None if host == "none" else host)
        found.append(evolve(one, recipient=recipient, action=action, status=one.status or status))
    return [each for each in found if each.action != "delivered"] or found


def _postfix_said(words: str, host: str | None) -> NdrFinding:
    stage = _IN_REPLY.search(words)
    if stage is not None:
        words = words[: stage.start()].rstrip()
    said = _POSTFIX_SAID.search(words)
    if said is not None:
        host, words = said[1], said[2]
    one = finding(words, said_by=host, stage=stage_of(stage[1]) if stage is not None else None)
    return one if one.detail is None else evolve(one, stage=_stage_without_reply(one.detail))


def _stage_without_reply(words: str) -> str | None:
    if re.match(r"connect to|.{0,80}host.{0,20} not found", words, re.I):
        return "connect"
    return "starttls" if re.search(r"\bTLS\b", words) else None


def _postfix_bounce(lines: Sequence[str]) -> list[NdrFinding]:
    found = []
    for line in lines:
        match = _POSTFIX_BOUNCE.match(line)
        if match is not None and ("said:" in match[2] or "refused to talk" in match[2] or _SWALLOWED.search(match[2])):
            found.append(evolve(_postfix_said(match[2], None), recipient=match[1], action="failed"))
    return found


def _exim(lines: Sequence[str]) -> list[NdrFinding]:
    found = []
    for line in _unwrapped(lines):
        match, at = _EXIM.search(line), line.find(_EXIM_WORDS)
        if match is not None and at > match.end():
            host = _EXIM_H.search(line, match.end())
            one = _exim_after(line[at:], host[1] if host else None)
            found.append(evolve(one, recipient=match[2], action="failed" if match[1] == "**" else "delayed"))
    return found


_BEGINS = re.compile(
    r"\d{4}-\d\d-\d\d |[A-Z][a-z]{2} [ \d]\d |\S{1,320}@\S{1,255}\s|<?\S{1,320}@\S{1,255}>?$|--|[*=]{2} "
)


def _unwrapped(lines: Sequence[str]) -> list[str]:
    """With the lines that a mail program or a terminal broke put together: what does not begin like a line of Exim."""
    found: list[str] = []
    for line in lines:
        if found and _EXIM.search(found[-1]) and not _BEGINS.match(line) and len(found[-1]) < 2_000:
            found[-1] += f" {line}"
        else:
            found.append(line)
    return found


def _exim_bounce(lines: Sequence[str]) -> list[NdrFinding]:
    found = []
    for line in lines:
        match, at = _EXIM_BOUNCE.match(line), line.find(_EXIM_WORDS)
        if match is not None and at > 0:
            host = _EXIM_HOST.search(line)
            one = _exim_after(line[at:], host[1] if host else None)
            found.append(evolve(one, recipient=match[1].strip("<>:"), action="failed"))
    return found


def _exim_after(words: str, host: str | None) -> NdrFinding:
    match = _EXIM_AFTER.match(words)
    if match is None:
        return finding(words, said_by=host)
    said = match[2]
    named = _EXIM_HOST.match(said)
    if named is not None:
        host, said = named[1], said[named.end() :].lstrip(": ")
    return finding(said, said_by=host, stage=stage_of(match[1]))


def _sendmail(lines: Sequence[str]) -> list[NdrFinding]:
    found = []
    for line in lines:
        match = _SENDMAIL.search(line)
        if match is not None:
            recipient, relay, status, reply, state = match.groups()
            action = "delayed" if state.startswith("Deferred") else None if state.startswith("Sent") else "failed"
            if action is not None:
                one = finding(reply or state.removeprefix("Deferred: "), said_by=relay)
                found.append(evolve(one, recipient=recipient, action=action, status=one.status or status))
    return found


def _sendmail_transcript(lines: Sequence[str]) -> list[NdrFinding]:
    """``... while talking to HOST:``, then ``>>>`` commands and ``<<<`` replies."""
    found: list[NdrFinding] = []
    host: str | None = None
    asked = ""
    for line in lines:
        talking, said, answer = _TALKING.search(line), _ASKED.search(line), _ANSWERED.search(line)
        host = talking[1] if talking else host
        asked = said[1].partition("<<<")[0] if said else asked
        if answer is not None and answer[1][:1] in "45" and (host or asked):
            path = _PATH.search(asked) if stage_of(asked) == "rcpt" else None
            stage = "message" if asked.strip() == "." else stage_of(asked)
            one = finding(answer[1], said_by=host, stage=stage, recipient=path[1] if path else None)
            found.append(evolve(one, action="failed" if answer[1][0] == "5" else "delayed"))
    return found


def _iis(lines: Sequence[str]) -> list[NdrFinding]:
    found: list[NdrFinding] = []
    asked, recipient = "", None
    for line in lines:
        if not _IIS.search(line):
            continue
        command, reply = _IIS_COMMAND.search(line), _IIS_REPLY.search(line)
        if command is not None:
            asked = command[1]
            path = _PATH.search(command[2].replace("+", " "))
            recipient = path[1] if path and asked == "RCPT" else recipient
        elif reply is not None and reply[1][0] in "45":
            stage = "message" if asked == "DATA" else stage_of(asked) if asked else None
            found.append(finding(reply[1].replace("+", " "), stage=stage, recipient=recipient))
    return found


def _dotnet(lines: Sequence[str]) -> list[NdrFinding]:
    found = []
    for line in lines:
        match = _DOTNET.search(line) or _MAILKIT.search(line)
        if match is None:
            continue
        one = finding(re.split(r"\s+(?:at [\w.]+\(|--->)", match[match.lastindex or 0])[0])
        code = next((code for words, code in _DOTNET_CODES.items() if words in line), None)
        if one.reply is not None and one.code is None and code is not None and (one.status or "5")[0] == str(code)[0]:
            one = evolve(one, code=code, reply=f"{code} {one.reply}")
        found.append(one)
    return found


def _swaks(lines: Sequence[str]) -> list[NdrFinding]:
    found: list[NdrFinding] = []
    asked = ""
    for line in lines:
        command, reply = _SWAKS_ASKED.match(line), _SWAKS_SAID.match(line)
        if command is not None:
            asked = command[1] if stage_of(command[1].partition(" ")[0]) or command[1].strip() == "." else asked
        elif reply is not None and reply[1][0] in "45":
            path = _PATH.search(asked) if asked[:4].upper() == "RCPT" else None
            stage = "message" if asked.strip() == "." else stage_of(asked.partition(" ")[0]) or "connect"
            found.append(finding(reply[1], stage=stage, recipient=path[1] if path else None))
    return found


def _smtplib(lines: Sequence[str]) -> list[NdrFinding]:
    text = "\n".join(line for line in lines if "SMTP" in line)[:100_000]
    found = []
    if "SMTPRecipientsRefused" in text:
        for match in _SMTPLIB_EACH.finditer(text):
            found.append(finding(f"{match[2]} {_unescaped(match[4])}", recipient=match[1], stage="rcpt"))
    stages = {"SenderRefused": "mail", "DataError": "message", "AuthenticationError": "auth", "ConnectError": "connect"}
    for match in _SMTPLIB.finditer(text):
        stage = stages.get(match[1], "ehlo" if match[1] == "HeloError" else None)
        found.append(finding(f"{match[2]} {_unescaped(match[4])}", stage=stage))
    return found


def _unescaped(text: str) -> str:
    return text.replace("\\n", " ").replace("\\r", " ").replace("\\'", "'")


def _msmtp(lines: Sequence[str]) -> list[NdrFinding]:
    said = [match[1] for match in map(_MSMTP.search, lines) if match]
    what = next((match for match in map(_MSMTP_WHAT.search, lines) if match), None)
    stage = None if what is None else "rcpt" if what[1] else stage_of(what[2].replace("envelope from", "mail"))
    return [finding(each, stage=stage, recipient=what[1] if what else None) for each in said[:1] if each]


def _nodemailer(lines: Sequence[str]) -> list[NdrFinding]:
    command = next((match[1] for match in map(_NODEMAILER_COMMAND.search, lines) if match), "")
    for line in lines:
        match = _NODEMAILER.search(line)
        if match is not None:
            said = re.split(r"\s+at \S+ \(|\s+at SMTPConnection", match[1])[0]
            stage = stage_of(command) or ("rcpt" if "recipients" in line else "auth" if "login" in line else None)
            return [finding(said, stage="message" if command.strip() == "DATA" else stage)]
    return []


def _curl(lines: Sequence[str]) -> list[NdrFinding]:
    found = []
    asked = ""
    for line in lines:
        asked = line[2:] if line.startswith("> ") else asked
        match = _CURL.search(line)
        said = (match[1] or match[2]) if match else ""
        if said[:1] in ("4", "5") and len(said) > 4:
            path = _PATH.search(asked) if asked.startswith("RCPT") else None
            found.append(finding(said, stage=stage_of(asked) if asked else None, recipient=path[1] if path else None))
    return found


def _dialogue(lines: Sequence[str]) -> list[NdrFinding]:
    """Each final reply answers the command that has waited longest (pipelining); the greeting answers none."""
    found: list[NdrFinding] = []
    waiting: list[tuple[str, str]] = []
    commands = 0
    for line in lines:
        answer, command = _ANSWER.match(line), _COMMAND.match(line)
        if answer is not None and answer[2] == " ":
            verb, rest = waiting.pop(0) if waiting else ("connect", "")
            if answer[1] == "354":
                waiting.insert(0, _END)
            elif answer[1][0] in "45":
                path = _PATH.search(rest) if verb.upper().startswith("RCPT") else None
                said = f"{answer[1]} {answer[3]}".rstrip("'\"")
                found.append(finding(said, stage=stage_of(verb), recipient=path[1] if path else None))
        elif command is not None and answer is None and _END not in waiting:
            commands += 1
            waiting.append((command[1], command[2]))
    if not commands:
        return []
    return [each for each in found if each.status != "5.5.2"] or found  # what only follows from a refusal


def _own_relay(lines: Sequence[str]) -> list[NdrFinding]:
    """What the relay's own log says of clients that it refused: nothing was sent on."""
    found = []
    for line in lines:
        one = None
        postfix, exim, sendmail = _OWN_POSTFIX.search(line), _OWN_EXIM.search(line), _OWN_SENDMAIL.search(line)
        if postfix is not None and ("NOQUEUE" in line or "proto=" in line or "smtpd[" in line):
            one = finding(postfix[2], stage=stage_of(postfix[1]))
        elif exim is not None and "SMTP error from remote" not in line and (" H=" in line or "[" in line):
            recipient = (exim[2] or "").strip("<>") or None
            one = NdrFinding(recipient, detail=exim[3].strip(), stage=stage_of(exim[1]))
        elif sendmail is not None:
            one = finding(sendmail[2], stage=stage_of(sendmail[1]))
        if one is not None:
            to = _OWN_TO.search(line)
            found.append(evolve(one, recipient=one.recipient or (to[1] if to else None), refuser=OWN_RELAY))
    return found


def _connections(lines: Sequence[str]) -> list[NdrFinding]:
    """Lines of a log about a connection that did not come about, or broke."""
    found = []
    for line in lines:
        match = _CONNECT.search(line)
        if match is not None:
            words = match[1].rstrip(")").strip()
            found.append(NdrFinding(detail=words, stage=_stage_without_reply(words)))
    return found


def _phpmailer(lines: Sequence[str]) -> list[NdrFinding]:
    found = []
    for line in lines:
        for match in _PHPMAILER.finditer(line):
            command, words, code, status = match.groups()
            again = re.match(r"[245]\d\d\b|[245]\.\d{1,3}\.\d{1,3}\b", words)
            said = words if again or not status else f"{status} {words}"
            said = said if again and len(again[0]) == 3 else f"{code} {said}"
            found.append(finding(said, stage="message" if "DATA" in command else stage_of(command)))
    return found


LOG_READERS: tuple[tuple[str, Reader], ...] = (
    ("own-relay", _own_relay),
    ("postfix-log", _postfix),
    ("exim-log", _exim),
    ("sendmail-log", _sendmail),
    ("postfix-report", _postfix_bounce),
    ("exim-report", _exim_bounce),
    ("sendmail-report", _sendmail_transcript),
    ("iis-log", _iis),
    ("python", _smtplib),
    ("dotnet", _dotnet),
    ("swaks", _swaks),
    ("msmtp", _msmtp),
    ("nodemailer", _nodemailer),
    ("curl", _curl),
    ("phpmailer", _phpmailer),
    ("dialogue", _dialogue),
    ("connection", _connections),
    ("sign-in", read_sign_in),
)
"""Form → its reader, the surest first."""
