using System.Diagnostics;
using System.Runtime.InteropServices;
using Attune.Formats;

namespace Attune.Data.SdkDocs;

/// <summary>Finds the reference pack of an installed .NET SDK, whose XML files document the base library.</summary>
internal static class SdkReferencePack
{
    private const string PackName = "Microsoft.NETCore.App.Ref";

    /// <summary>The XML files of the newest reference pack, in ordinal order.</summary>
    /// <exception cref="AttuneFormatException">There is none; names <c>--text</c>.</exception>
    public static IReadOnlyList<string> Find() => Find(Roots());

    /// <summary>The XML files of the newest reference pack below the first of some .NET roots that has one.</summary>
    /// <exception cref="AttuneFormatException">None has one; names <c>--text</c>.</exception>
    internal static IReadOnlyList<string> Find(IEnumerable<string> roots)
    {
        List<string> tried = [];
        foreach (string root in roots.Distinct(StringComparer.Ordinal))
        {
            string[] files = FilesOf(root);
            if (files.Length > 0) return files;
            tried.Add(root);
        }
        throw new AttuneFormatException(
            $"No .NET SDK with documentation was found (looked for packs/{PackName} below {string.Join(", ", tried)}). "
            + "Install the .NET SDK, set DOTNET_ROOT, or give text of your own with --text FILE_OR_FOLDER.");
    }

    /// <summary>The XML files of the newest reference pack below a .NET root; empty if there is none.</summary>
    internal static string[] FilesOf(string root)
    {
        string packs = Path.Combine(root, "packs", PackName);
        if (!Directory.Exists(packs)) return [];
        foreach (string version in Directory.GetDirectories(packs).OrderByDescending(folder => VersionOf(Path.GetFileName(folder))).ThenByDescending(folder => folder, StringComparer.Ordinal))
        {
            string reference = Path.Combine(version, "ref");
            if (!Directory.Exists(reference)) continue;
            string[] files = [.. Directory.EnumerateFiles(reference, "*.xml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            if (files.Length > 0) return files;
        }
        return [];
    }

    // From the surest to the farthest: the runtime that runs this, what the user says, the usual places, what dotnet itself says.
    private static IEnumerable<string> Roots()
    {
        // <root>/shared/Microsoft.NETCore.App/<version>/
        string? runtime = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        for (int up = 0; up < 3 && runtime is not null; up++) runtime = Path.GetDirectoryName(runtime);
        if (runtime is not null) yield return runtime;
        if (Environment.ProcessPath is { } process && Path.GetDirectoryName(process) is { } beside) yield return beside;
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } named) yield return named;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string[] usual = OperatingSystem.IsWindows()
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "dotnet")]
            : ["/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet", "/usr/local/share/dotnet", "/opt/dotnet"];
        foreach (string place in usual) yield return place;
        if (home.Length > 0) yield return Path.Combine(home, ".dotnet");
        foreach (string root in RootsOfDotnet()) yield return root;
    }

    // Lines of "dotnet --list-sdks" look like: 10.0.100 [/usr/share/dotnet/sdk]
    private static IEnumerable<string> RootsOfDotnet()
    {
        string output;
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("dotnet", "--list-sdks") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException or InvalidOperationException)
        {
            yield break;
        }
        foreach (string line in output.Split('\n'))
        {
            int open = line.IndexOf('['), close = line.LastIndexOf(']');
            if (open >= 0 && close > open && Path.GetDirectoryName(line[(open + 1)..close]) is { } root) yield return root;
        }
    }

    private static Version VersionOf(string folder) =>
        Version.TryParse(folder.Split('-')[0], out Version? version) ? version : new Version(0, 0);
}
