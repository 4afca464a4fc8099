# error: 2:24 ParameterArgumentTransformationError String must be exactly one character long.
Get-InboundConnector | Export-Csv c.csv -Delimiter '; '
