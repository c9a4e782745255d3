namespace Attune.Bench;

/// <summary>The scripts of <c>bench/peers</c>, found from where the program was built.</summary>
internal static class PeerScripts
{
    /// <exception cref="FileNotFoundException">There is no such script above the program's folder.</exception>
    public static string Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "bench", "peers", name);
            if (File.Exists(candidate))
                return candidate;
        }
        throw new FileNotFoundException($"bench/peers/{name} was not found above {AppContext.BaseDirectory}; run from a checkout.");
    }
}
