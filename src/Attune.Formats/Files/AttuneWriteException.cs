namespace Attune.Formats;

/// <summary>A result could not be written: full disk, read-only folder, missing permission. Names the path and the cause.</summary>
public sealed class AttuneWriteException : IOException
{
    /// <summary>Describes a failed write.</summary>
    /// <param name="path">The file or folder that was to be written.</param>
    /// <param name="inner">What the operating system reported.</param>
    public AttuneWriteException(string path, Exception inner) : base(Describe(path, inner), inner) => Path = path;

    /// <summary>The file or folder that was to be written.</summary>
    public string Path { get; }

    private static string Describe(string path, Exception inner)
    {
        const int linuxNoSpace = 28, linuxReadOnlyFileSystem = 30, linuxQuota = 122;
        const int windowsDiskFull = unchecked((int)0x80070070), windowsHandleDiskFull = unchecked((int)0x80070027);
        string cause = inner switch
        {
            UnauthorizedAccessException => "no permission to write there (read-only folder or file?). Choose another output folder or change its permissions.",
            DirectoryNotFoundException => "the folder does not exist and could not be made. Choose another output folder.",
            { HResult: linuxNoSpace or linuxQuota or windowsDiskFull or windowsHandleDiskFull } =>
                "the disk is full. Free some space or choose an output folder on another disk.",
            { HResult: linuxReadOnlyFileSystem } => "the file system is read-only. Choose another output folder.",
            _ => inner.Message,
        };
        return $"{path}: could not be written: {cause} Whatever stood there before is unchanged.";
    }
}
