using Attune.Hub;

namespace Attune.Cli.Shell;

/// <summary>Lets the name of a pulled model stand where a folder is asked for.</summary>
internal static class PulledFolder
{
    /// <summary>What was given where there is such a folder or file, else the folder that a model of that name was pulled into.</summary>
    /// <exception cref="DirectoryNotFoundException">Neither is there.</exception>
    public static string Find(string given)
    {
        if (Path.Exists(given))
            return given;
        if (!HubModelName.TryParse(given, out HubModelName? name))
            throw new DirectoryNotFoundException($"{given}: there is no such model folder.");
        string folder = new HubModels(HubOptions.FromEnvironment()).Folder(name);
        return Directory.Exists(folder)
            ? folder
            : throw new DirectoryNotFoundException($"{given}: there is no such folder, and no model of that name was pulled. Check the path; a model of the hub is fetched with 'attune pull {given}'.");
    }
}
