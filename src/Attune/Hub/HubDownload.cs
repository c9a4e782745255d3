using System.Net;
using Attune.Formats;

namespace Attune.Hub;

/// <summary>
/// Fetches one file into a folder of half-fetched files. Files are named by their checksum there, so that what an interrupted attempt left is
/// taken up by the next one, and never mistaken for another version.
/// </summary>
internal sealed class HubDownload(HubConnection connection, string folder)
{
    /// <summary>Where a file lies once it is whole and checked.</summary>
    public string Whole(HubFile file) => Path.Combine(folder, file.Checksum.Hex);

    /// <summary>How much of a file is there already.</summary>
    public long Have(HubFile file) => Length(Whole(file)) ?? Length(Part(file)) ?? 0;

    /// <summary>Takes whole files back from a folder in which an earlier attempt, which came to nothing, had given them their names. The folder goes.</summary>
    public void TakeBack(string assembled, IReadOnlyList<HubFile> files, CancellationToken cancellation)
    {
        if (!Directory.Exists(assembled))
            return;
        foreach (HubFile file in files)
        {
            string path = file.Below(assembled);
            // It may be of another version, or a copy that was cut off.
            if (!File.Exists(Whole(file)) && Length(path) == file.Size && file.Checksum.Of(path, cancellation) == file.Checksum)
                File.Move(path, Whole(file));
        }
        Directory.Delete(assembled, recursive: true);
    }

    /// <summary>Fetches a file, or what is missing of it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="address">Where it lies.</param>
    /// <param name="came">Told how many bytes of the file are there.</param>
    /// <param name="cancellation">Stops; what has come is kept.</param>
    /// <exception cref="HubException">The hub refused, or gave something else than it promised.</exception>
    public async Task FetchAsync(HubFile file, Uri address, Action<long> came, CancellationToken cancellation)
    {
        if (File.Exists(Whole(file)))
            return;
        bool checkedOnce = false;
        await connection.RepeatAsync(address, file.Name, async () =>
        {
            await FetchRestAsync(file, address, came, cancellation).ConfigureAwait(false);
            HubChecksum found = file.Checksum.Of(Part(file), cancellation);
            if (found == file.Checksum)
            {
                File.Move(Part(file), Whole(file), overwrite: true);
                return false;
            }
            File.Delete(Part(file));
            if (checkedOnce)
                throw new HubException($"{file.Name}: {address}: found checksum {found}, expected {file.Checksum}. Nothing of it was kept; try again later.");
            return checkedOnce = true;
        }, cancellation).ConfigureAwait(false);
    }

    private async Task FetchRestAsync(HubFile file, Uri address, Action<long> came, CancellationToken cancellation)
    {
        FileStream part = new(Part(file), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        await using (part.ConfigureAwait(false))
        {
            if (part.Length > file.Size)
                part.SetLength(0);
            long before = part.Length;
            if (before == file.Size)
                return;
            using HttpResponseMessage response = await connection.SendAsync(address, file.Name, before, cancellation).ConfigureAwait(false);
            bool goesOn = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == before;
            if (response.StatusCode != HttpStatusCode.OK && !goesOn)
            {
                part.SetLength(0);
                throw new PassingFailure($"the server answered {(int)response.StatusCode} to a request for the rest of the file");
            }
            if (!goesOn)
                part.SetLength(0);
            if (response.Content.Headers.ContentLength is { } length && part.Length + length != file.Size)
                throw WrongSize(file, address, part.Length + length);
            part.Position = part.Length;
            try
            {
                await connection.CopyAsync(response, bytes =>
                {
                    if (part.Length + bytes.Length > file.Size)
                        throw WrongSize(file, address, part.Length + bytes.Length);
                    Write(part, bytes);
                    came(part.Length);
                }, cancellation).ConfigureAwait(false);
            }
            catch (PassingFailure failure) when (part.Length > before)
            {
                throw new PassingFailure(failure.Message, failure) { CameForward = true };
            }
            if (part.Length < file.Size)
                throw new PassingFailure($"the connection ended after {part.Length} of {file.Size} bytes") { CameForward = part.Length > before };
        }
    }

    private static void Write(FileStream part, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            part.Write(bytes.Span);
        }
        catch (IOException e)
        {
            throw new AttuneWriteException(part.Name, e);
        }
    }

    private static HubException WrongSize(HubFile file, Uri address, long found) =>
        new($"{file.Name}: {address}: found {found} bytes or more, expected {file.Size} as the hub's own list says.");

    private string Part(HubFile file) => Whole(file) + ".part";

    private static long? Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : null;
}
