using Attune.Hub;

namespace Attune.Cli.Shell;

/// <summary>Lets the name of a pulled model stand where a folder is asked for.</summary>
internal static class PulledFolder
{
    /// <summary>The folder itself where there is one, else the one that a model of that name was pulled into.</summary>
    /// <exception cref="DirectoryNotFoundException">Neither is there, and the name is a model's.</exception>
    public static string Find(string given)
    {
        if (Directory.Exists(given) || !given.Contains('/') || !HubModelName.TryParse(given, out HubModelName? name))
            return given;
        string folder = new HubModels(HubOptions.FromEnvironment()).Folder(name);
        return Directory.Exists(folder)
            ? folder
            : throw new DirectoryNotFoundException($"{given}: there is no such folder, and no model of that name was pulled. Try 'attune pull {given}'.");
    }
}
