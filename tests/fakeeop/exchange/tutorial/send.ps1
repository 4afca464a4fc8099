$mailParams = @{
    SmtpServer = 'contoso-com.mail.protection.outlook.com'
    Port = '25'
    From = 'printer@contoso.com'
    To = 'ann@contoso.com','someone@fabrikam.example'
    Subject = ('SMTP Relay - ' + (Get-Date -Format g))
    Body = 'This is a test email using SMTP Relay'
    DeliveryNotificationOption = 'OnFailure','OnSuccess'
}

Send-MailMessage @mailParams
