# error: 2:1 ScriptRequires AzureAD
#Requires -Modules ExchangeOnlineManagement, @{ ModuleName = 'AzureAD'; ModuleVersion = '2.0' }
Set-InboundConnector 'SMTP Relay' -Enabled $false
