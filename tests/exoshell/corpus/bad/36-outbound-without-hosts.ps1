# error: 2:1 O1 SmartHosts is not given
New-OutboundConnector -Name X -RecipientDomains a.example -UseMXRecord $false
