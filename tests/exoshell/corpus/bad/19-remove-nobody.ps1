# error: 2:1 E19 object 'Nobody' couldn't be found on 'contoso'
Remove-InboundConnector Nobody -Confirm:$false
