using System.Globalization;
using Attune.Formats;

namespace Attune.Hub;

/// <summary>
/// Fetches models over the HTTP layout of the Hugging Face hub into a local folder: only the files that Attune reads, each checked against the
/// checksum the hub names, the folder complete or not there at all. An interrupted fetch goes on where it stopped.
/// </summary>
/// <param name="options">Where models come from and where they are kept.</param>
/// <remarks>Thread-safe; two processes that fetch the same model wait for nobody: the second one is refused.</remarks>
public sealed class HubModels(HubOptions options)
{
    /// <summary>The revision that is meant where none is named.</summary>
    public const string MainRevision = "main";

    // Files get their names here first: what a failure leaves is where the next attempt looks for it.
    private const string AssembledName = "model";

    /// <summary>Where a model is kept.</summary>
    /// <param name="name">The model.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    public string Folder(HubModelName name, string revision = MainRevision) =>
        Path.Combine(options.Cache, (revision == MainRevision ? name.Text : $"{name}@{revision}").Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Fetches a model.</summary>
    /// <param name="name">The model.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="wanted">The files that are wanted; null for those that Attune reads.</param>
    /// <param name="folder">Where to put it; null for the cache.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops; what has come is kept for the next attempt.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="HubException">The hub refused, is not there, or gave something else than it promised.</exception>
    /// <exception cref="AttuneFormatException">The hub's list of files is not one.</exception>
    /// <exception cref="AttuneWriteException">The folder cannot be written.</exception>
    /// <exception cref="InvalidOperationException">The folder holds something else, or another process is fetching the same model.</exception>
    public async Task<PulledModel> PullAsync(
        HubModelName name,
        string revision = MainRevision,
        IReadOnlyList<string>? wanted = null,
        string? folder = null,
        IProgress<PullProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        if (!IsRevision(revision))
            throw new FormatException($"'{revision}' is not the name of a revision: letters, digits, dots, dashes and underscores only.");
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder ?? Folder(name, revision)));
        using HubConnection connection = new(options);
        Uri list = At($"api/models/{name}/revision/{revision}?blobs=true");
        HubListing listing = HubListing.Parse(await connection.ReadAsync(list, name.Text, cancellation).ConfigureAwait(false), list.ToString());
        IReadOnlyList<HubFile> files = wanted is { Count: > 0 } ? HubSelection.Fitting(listing, name, wanted) : HubSelection.Readable(listing, name);
        long total = files.Sum(file => file.Size);
        if (HubRecord.Holds(target, files))
            return new PulledModel(target, listing.Commit, files, Fetched: 0);
        if (Directory.Exists(target) && !File.Exists(Path.Combine(target, HubRecord.Name)) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new InvalidOperationException($"{target}: the folder holds something that was not pulled. Choose another with --out, or delete it.");

        string halfway = target + ".partial";
        using FolderLock inUse = FolderLock.Take(halfway, "pull.lock", "is fetching this model");
        HubDownload download = new(connection, halfway);
        string assembled = Path.Combine(halfway, AssembledName);
        download.TakeBack(assembled, files, cancellation);
        long before = files.Sum(download.Have);
        RequireSpace(halfway, total - before);
        long done = 0;
        foreach (HubFile file in files)
        {
            Uri address = At($"{name}/resolve/{listing.Commit}/{string.Join('/', file.Name.Split('/').Select(Uri.EscapeDataString))}");
            progress?.Report(new PullProgress(file.Name, done + download.Have(file), total));
            await download.FetchAsync(file, address, have => progress?.Report(new PullProgress(file.Name, done + have, total)), cancellation).ConfigureAwait(false);
            done += file.Size;
        }
        Assemble(target, assembled, download, files, name, revision, listing);
        inUse.Dispose();
        Directory.Delete(halfway, recursive: true);
        return new PulledModel(target, listing.Commit, files, total - before);
    }

    private void Assemble(
        string target, string assembled, HubDownload download, IReadOnlyList<HubFile> files, HubModelName name, string revision, HubListing listing) =>
        AtomicFolder.Write(target, assembled, folder =>
        {
            Dictionary<HubChecksum, int> uses = files.CountBy(file => file.Checksum).ToDictionary();
            foreach (HubFile file in files)
            {
                string path = file.Below(folder);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                // The same content under two names is one fetched file.
                if (uses[file.Checksum]-- > 1)
                    File.Copy(download.Whole(file), path);
                else
                    File.Move(download.Whole(file), path);
            }
            HubRecord.Write(folder, options.Endpoint, name, revision, listing, files);
        });

    private Uri At(string path) => new(new Uri(options.Endpoint.ToString().TrimEnd('/') + "/"), path);

    private static bool IsRevision(string revision) =>
        revision.Length is > 0 and <= 128 && !revision.Contains("..", StringComparison.Ordinal)
        && revision.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static void RequireSpace(string folder, long bytes)
    {
        long free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (free < bytes)
        {
            throw new HubException(string.Create(
                CultureInfo.InvariantCulture,
                $"{folder}: {bytes / 1e6:N0} MB are still to come, but only {free / 1e6:N0} MB are free there. Free some space, or name another folder with --out."));
        }
    }
}

/// <summary>How far a fetch is.</summary>
/// <param name="File">The file that is coming.</param>
/// <param name="Done">Bytes of all files that are there.</param>
/// <param name="Total">Bytes of all files.</param>
public readonly record struct PullProgress(string File, long Done, long Total);

/// <summary>A model that was fetched.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Commit">The commit it was fetched at.</param>
/// <param name="Files">Its files.</param>
/// <param name="Fetched">The bytes that this call fetched; 0 if all was there.</param>
public sealed record PulledModel(string Folder, string Commit, IReadOnlyList<HubFile> Files, long Fetched);
