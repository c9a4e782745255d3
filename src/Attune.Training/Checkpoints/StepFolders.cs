using System.Globalization;
using Attune.Formats;

namespace Attune.Training.Checkpoints;

/// <summary>Sealed folders below one folder, one for each of some steps, such as <c>checkpoints/step-00001000</c>.</summary>
/// <param name="root">The folder; made when something is written.</param>
internal sealed class StepFolders(string root)
{
    private const string Prefix = "step-";
    private const string DamagedSuffix = ".damaged";

    /// <summary>Where the folder of a step is, or would be.</summary>
    public string PathOf(long step) => Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}"));

    /// <summary>What is there, the newest first.</summary>
    public IReadOnlyList<(long Step, string Path)> List()
    {
        if (!Directory.Exists(root))
            return [];
        List<(long Step, string Path)> found = [];
        foreach (string path in Directory.EnumerateDirectories(root))
        {
            string name = Path.GetFileName(path);
            if (name.StartsWith(Prefix, StringComparison.Ordinal)
                && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long step))
                found.Add((step, path));
        }
        found.Sort((a, b) => b.Step.CompareTo(a.Step));
        return found;
    }

    /// <summary>Writes the folder of a step.</summary>
    /// <returns>The folder's path.</returns>
    /// <exception cref="AttuneWriteException">It cannot be written; everything older is still there.</exception>
    public string Write(long step, Action<string> fill)
    {
        string path = PathOf(step);
        SealedFolder.Write(path, fill);
        return path;
    }

    /// <summary>Deletes what processes that died while writing left behind. Only the run's one writer may call this.</summary>
    public void DeleteUnfinished()
    {
        if (!Directory.Exists(root))
            return;
        foreach (string path in Directory.EnumerateDirectories(root, "*.tmp"))
            Delete(path);
    }

    /// <summary>Deletes all but the newest.</summary>
    public void KeepNewest(int count)
    {
        foreach ((_, string path) in List().Skip(count))
            Delete(path);
    }

    /// <summary>Deletes all but those of some steps.</summary>
    public void KeepOnly(params ReadOnlySpan<long> steps)
    {
        foreach ((long step, string path) in List())
        {
            if (!steps.Contains(step))
                Delete(path);
        }
    }

    /// <summary>Takes a damaged folder out of the list without destroying what is left of it.</summary>
    public static void SetAside(string path)
    {
        string aside = path + DamagedSuffix;
        try
        {
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
            Directory.Move(path, aside);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttuneWriteException(path, e);
        }
    }

    private static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttuneWriteException(path, e);
        }
    }
}
