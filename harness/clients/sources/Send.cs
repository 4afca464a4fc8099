// One message with System.Net.Mail.SmtpClient, as Send-MailMessage and scripts use it.
// Usage: Send.exe < plan ; the plan is lines "name=value", an empty line, and the text. What came of it goes to stdout.
using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Mail;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;

static class Send {
  static string One(Dictionary<string, string> plan, string name) {
    string value;
    return plan.TryGetValue(name, out value) ? value : "";
  }

  static void Refused(string what, SmtpStatusCode code, string address, string text) {
    const string mark = "The server response was: ";
    int at = text.IndexOf(mark);
    string said = at < 0 ? text : text.Substring(at + mark.Length);
    Console.WriteLine("* {0} {1} <{2}> {3}", what, (int)code, address.Trim('<', '>'), said.Replace("\r", "").Replace("\n", " "));
  }

  static string Runtime() {
    Type mono = Type.GetType("Mono.Runtime");
    if (mono == null) return Environment.Version.ToString();
    var name = mono.GetMethod("GetDisplayName", BindingFlags.NonPublic | BindingFlags.Static);
    return (string)name.Invoke(null, null);
  }

  static int Main(string[] arguments) {
    if (arguments.Length > 0) { Console.WriteLine("runtime " + Runtime()); return 0; }
    var plan = new Dictionary<string, string>();
    var to = new List<string>();
    string line;
    while (!string.IsNullOrEmpty(line = Console.In.ReadLine())) {
      string[] parts = line.Split(new[] { '=' }, 2);
      if (parts[0] == "to") to.Add(parts[1]); else plan[parts[0]] = parts[1];
    }
    ServicePointManager.ServerCertificateValidationCallback = (sender, certificate, chain, errors) => true;
    var client = new SmtpClient(One(plan, "host"), int.Parse(One(plan, "port")));
    client.Timeout = int.Parse(One(plan, "timeout"));
    client.EnableSsl = One(plan, "tls") != "none";
    if (One(plan, "pfx") != "") client.ClientCertificates.Add(new X509Certificate2(One(plan, "pfx"), One(plan, "password")));
    var message = new MailMessage();
    message.From = new MailAddress(One(plan, "from"));
    foreach (string address in to) message.To.Add(address);
    message.Subject = One(plan, "subject");
    message.Body = Console.In.ReadToEnd().Replace("\n", "\r\n");
    var notify = DeliveryNotificationOptions.None;
    foreach (string word in One(plan, "notify").Split(',')) {
      if (word == "SUCCESS") notify |= DeliveryNotificationOptions.OnSuccess;
      if (word == "FAILURE") notify |= DeliveryNotificationOptions.OnFailure;
      if (word == "DELAY") notify |= DeliveryNotificationOptions.Delay;
      if (word == "NEVER") notify = DeliveryNotificationOptions.Never;
    }
    message.DeliveryNotificationOptions = notify;
    try {
      client.Send(message);
      Console.WriteLine("sent");
      return 0;
    }
    catch (SmtpFailedRecipientsException several) {
      foreach (SmtpFailedRecipientException one in several.InnerExceptions) Refused("recipient", one.StatusCode, one.FailedRecipient, one.Message);
      return 1;
    }
    catch (SmtpFailedRecipientException one) {
      Refused("recipient", one.StatusCode, one.FailedRecipient, one.Message);
      return 1;
    }
    catch (Exception other) {
      var smtp = other as SmtpException;
      if (smtp != null && (int)smtp.StatusCode > 0) Refused("refused", smtp.StatusCode, "", smtp.Message);
      for (Exception each = other; each != null; each = each.InnerException) {
        Console.WriteLine("* {0}: {1}", each.GetType().FullName, each.Message.Replace("\r", "").Replace("\n", " "));
      }
      return 1;
    }
  }
}
