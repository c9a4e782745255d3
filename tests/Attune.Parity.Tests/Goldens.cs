namespace Attune.Parity.Tests;

/// <summary>The golden cases of the repository.</summary>
internal static class Goldens
{
    /// <summary>The folder that holds them.</summary>
    public static string Root { get; } = Find();

    /// <summary>A folder of cases.</summary>
    public static string Folder(string name) => Path.Combine(Root, name);

    /// <summary>Copies a case to a folder of its own, where it may be spoilt.</summary>
    public static string Copy(string name, string destination)
    {
        string copy = Path.Combine(destination, Path.GetFileName(name));
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(Folder(name)))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }

    /// <summary>Runs a folder that holds one case.</summary>
    public static ParityResult RunOne(string folder) => new ParityRunner().Run(folder).Single();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "tests", "Goldens");
            if (Directory.Exists(candidate))
                return candidate;
        }
        throw new InvalidOperationException($"tests/Goldens is not above {AppContext.BaseDirectory}.");
    }
}
