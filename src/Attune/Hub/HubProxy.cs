using System.Net;

namespace Attune.Hub;

/// <summary>The proxy on the way to a hub: the one that was named, with the name and password in its address, or the system's.</summary>
/// <param name="named">The address that was named; null for what the system says.</param>
internal sealed class HubProxy(Uri? named)
{
    /// <summary>How requests find it.</summary>
    public IWebProxy Route { get; } = named is null ? HttpClient.DefaultProxy : new WebProxy(named) { Credentials = Credentials(named) };

    /// <summary>How messages name the way to an address: nothing if it is straight, else the proxy without its password.</summary>
    public string Way(Uri address) =>
        !Route.IsBypassed(address) && Route.GetProxy(address) is { } proxy && proxy != address
            ? $" through the proxy {proxy.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}"
            : "";

    /// <summary>A proxy's own refusal of a request: that of somebody it does not know, or of a host that it opens no way to.</summary>
    /// <param name="address">What was asked for.</param>
    /// <param name="what">Its name in messages.</param>
    /// <param name="status">What the proxy answered.</param>
    /// <param name="inner">What reported it.</param>
    public HubException Refusal(Uri address, string what, HttpStatusCode? status, Exception? inner = null) =>
        new($"{what}: {address}{Way(address)}: " + status switch
        {
            HttpStatusCode.ProxyAuthenticationRequired =>
                "the proxy asks for a name and password, or knows others (407). Give them in its address, http://NAME:PASSWORD@HOST:PORT, with --proxy or in HTTPS_PROXY.",
            _ => $"the proxy opens no way there ({(int?)status}). Name another with --proxy, or ask those who run it.",
        }, inner);

    private static NetworkCredential? Credentials(Uri address)
    {
        if (address.UserInfo.Length == 0)
            return null;
        string[] parts = address.UserInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
    }
}
