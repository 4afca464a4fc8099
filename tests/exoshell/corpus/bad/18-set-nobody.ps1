# error: 2:1 E19 object 'Nobody' couldn't be found on 'contoso'
Set-InboundConnector -Identity Nobody -Enabled $false
