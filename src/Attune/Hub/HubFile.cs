namespace Attune.Hub;

/// <summary>A file of a model on the hub.</summary>
/// <param name="Name">Its path below the model's folder, parts parted by '/'.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Checksum">What its content must come to.</param>
public sealed record HubFile(string Name, long Size, HubChecksum Checksum)
{
    /// <summary>Its path where a folder has the model's files.</summary>
    internal string Below(string folder) => Path.Combine(folder, Name.Replace('/', Path.DirectorySeparatorChar));
}
