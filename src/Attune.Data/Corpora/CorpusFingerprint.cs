using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Attune.Formats;

namespace Attune.Data.Corpora;

/// <summary>Fingerprints of what a corpus is made of.</summary>
public static class CorpusFingerprint
{
    /// <summary>
    /// Of the text itself, wherever its files stand and whenever they were written. Reads all of it; <see cref="ITextCorpus.Fingerprint"/> does not.
    /// </summary>
    /// <exception cref="AttuneFormatException">A file is missing or faulty.</exception>
    public static string OfText(ITextCorpus corpus) => Of(corpus.Documents().SelectMany(document => document.Sentences));

    /// <summary>Of anything that is told apart by text.</summary>
    internal static string Of(params IEnumerable<string> parts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in parts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part));
            hash.AppendData([0]);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Of files, by name, size and time of the last change (reading them all would cost as much as using them).</summary>
    internal static IEnumerable<string> Files(IEnumerable<string> paths)
    {
        foreach (string path in paths)
        {
            FileInfo file = new(path);
            if (!file.Exists) throw new AttuneFormatException("there is no such file.", path);
            yield return string.Create(CultureInfo.InvariantCulture, $"{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}");
        }
    }
}
