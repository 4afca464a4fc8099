# error: 2:1 ScriptRequires PowerShell 7.0, and this is 5.1
#Requires -Version 7.0
Set-InboundConnector 'SMTP Relay' -Enabled $false
