using System.Reflection;

namespace Attune.Diagnostics;

/// <summary>Which Attune this is.</summary>
public static class AttuneVersion
{
    /// <summary>The version, as <c>major.minor.patch</c>.</summary>
    public static string Text { get; } =
        typeof(AttuneVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
