# error: 2:1 O3 Partner connector
New-OutboundConnector -Name X -SenderRewritingEnabled $true
