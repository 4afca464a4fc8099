# error: 2:35 ParameterArgumentTransformationError Enabled
Set-InboundConnector 'SMTP Relay' -Enabled yes
