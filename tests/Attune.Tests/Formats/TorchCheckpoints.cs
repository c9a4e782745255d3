using System.Buffers.Binary;
using System.IO.Compression;

namespace Attune.Tests.Formats;

/// <summary>
/// Checkpoints in the exact layout of <c>torch.save</c>: pickles of protocol 2 with persistent ids for storages. State: weight [2,3] = 1..6,
/// its transpose, its second row as a parameter, ids [1,3] with an odd stride on the axis of one, half [2], a view with
/// stride 0, and a scalar.
/// </summary>
internal static class TorchCheckpoints
{
    private const string State =
        "gAJjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQApUnEBKFgGAAAAd2VpZ2h0cQJjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxAy" +
        "goWAcAAABzdG9yYWdlcQRjdG9yY2gKRmxvYXRTdG9yYWdlCnEFWAEAAAAwcQZYAwAAAGNwdXEHSwZ0cQhRSwBLAksDhnEJSwNLAYZxColoAClS" +
        "cQt0cQxScQ1YCgAAAHRyYW5zcG9zZWRxDmgDKChoBGgFaAZoB0sGdHEPUUsASwNLAoZxEEsBSwOGcRGJaAApUnESdHETUnEUWAMAAAByb3dxFW" +
        "N0b3JjaC5fdXRpbHMKX3JlYnVpbGRfcGFyYW1ldGVyCnEWaAMoKGgEaAVoBmgHSwZ0cRdRSwNLA4VxGEsBhXEZiWgAKVJxGnRxG1JxHIhoAClS" +
        "cR2HcR5ScR9YAwAAAGlkc3EgaAMoKGgEY3RvcmNoCkxvbmdTdG9yYWdlCnEhWAEAAAAxcSJoB0sDdHEjUUsAaBFLB0sBhnEkiWgAKVJxJXRxJl" +
        "JxJ1gEAAAAaGFsZnEoaAMoKGgEY3RvcmNoCkhhbGZTdG9yYWdlCnEpWAEAAAAycSpoB0sCdHErUUsASwKFcSxoGYloAClScS10cS5ScS9YCAAA" +
        "AGV4cGFuZGVkcTBoAygoaARoBWgGaAdLBnRxMVFLAUsCSwKGcTJLAEsBhnEziWgAKVJxNHRxNVJxNlgGAAAAc2NhbGFycTdoAygoaARoBWgGaA" +
        "dLBnRxOFFLBSkpiWgAKVJxOXRxOlJxO3V9cTxYCQAAAF9tZXRhZGF0YXE9aAApUnE+WAAAAABxP31xQFgHAAAAdmVyc2lvbnFBSwFzc3NiLg==";

    private const string LegacyFile =
        "gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9cQAoWBAAAABwcm90b2NvbF92ZXJzaW9ucQFN6QNYDQAAAGxpdHRsZV9lbmRpYW5xAohYCgAAAHR5cG" +
        "Vfc2l6ZXNxA31xBChYBQAAAHNob3J0cQVLAlgDAAAAaW50cQZLBFgEAAAAbG9uZ3EHSwR1dS6AAmNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApx" +
        "AClScQEoWAYAAAB3ZWlnaHRxAmN0b3JjaC5fdXRpbHMKX3JlYnVpbGRfdGVuc29yX3YyCnEDKChYBwAAAHN0b3JhZ2VxBGN0b3JjaApGbG9hdF" +
        "N0b3JhZ2UKcQVYAQAAADBxBlgDAAAAY3B1cQdLBk50cQhRSwBLAksDhnEJSwNLAYZxColoAClScQt0cQxScQ1YCgAAAHRyYW5zcG9zZWRxDmgD" +
        "KChoBGgFaAZoB0sGTnRxD1FLAEsDSwKGcRBLAUsDhnERiWgAKVJxEnRxE1JxFFgDAAAAcm93cRVjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3Bhcm" +
        "FtZXRlcgpxFmgDKChoBGgFaAZoB0sGTnRxF1FLA0sDhXEYSwGFcRmJaAApUnEadHEbUnEciGgAKVJxHYdxHlJxH1gDAAAAaWRzcSBoAygoaARj" +
        "dG9yY2gKTG9uZ1N0b3JhZ2UKcSFYAQAAADFxImgHSwNOdHEjUUsAaBFLB0sBhnEkiWgAKVJxJXRxJlJxJ1gEAAAAaGFsZnEoaAMoKGgEY3Rvcm" +
        "NoCkhhbGZTdG9yYWdlCnEpWAEAAAAycSpoB0sCTnRxK1FLAEsChXEsaBmJaAApUnEtdHEuUnEvWAgAAABleHBhbmRlZHEwaAMoKGgEaAVoBmgH" +
        "SwZOdHExUUsBSwJLAoZxMksASwGGcTOJaAApUnE0dHE1UnE2WAYAAABzY2FsYXJxN2gDKChoBGgFaAZoB0sGTnRxOFFLBSkpiWgAKVJxOXRxOl" +
        "JxO3V9cTxYCQAAAF9tZXRhZGF0YXE9aAApUnE+WAAAAABxP31xQFgHAAAAdmVyc2lvbnFBSwFzc3NiLoACXXEAKFgBAAAAMHEBWAEAAAAxcQJY" +
        "AQAAADJxA2UuBgAAAAAAAAAAAIA/AAAAQAAAQEAAAIBAAACgQAAAwEADAAAAAAAAAAcAAAAAAAAACAAAAAAAAAAJAAAAAAAAAAIAAAAAAAAAAD" +
        "gAwA==";

    private const string Wrapped =
        "gAJ9cQAoWAUAAABlcG9jaHEBSwNYAgAAAGxycQJHP+AAAAAAAABYBQAAAG1vZGVscQNjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQQpUnEFKF" +
        "gGAAAAd2VpZ2h0cQZjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxBygoWAcAAABzdG9yYWdlcQhjdG9yY2gKRmxvYXRTdG9yYWdl" +
        "CnEJWAEAAAAwcQpYAwAAAGNwdXELSwZ0cQxRSwBLAksDhnENSwNLAYZxDoloBClScQ90cRBScRFYCgAAAHRyYW5zcG9zZWRxEmgHKChoCGgJaA" +
        "poC0sGdHETUUsASwNLAoZxFEsBSwOGcRWJaAQpUnEWdHEXUnEYWAMAAAByb3dxGWN0b3JjaC5fdXRpbHMKX3JlYnVpbGRfcGFyYW1ldGVyCnEa" +
        "aAcoKGgIaAloCmgLSwZ0cRtRSwNLA4VxHEsBhXEdiWgEKVJxHnRxH1JxIIhoBClScSGHcSJScSNYAwAAAGlkc3EkaAcoKGgIY3RvcmNoCkxvbm" +
        "dTdG9yYWdlCnElWAEAAAAxcSZoC0sDdHEnUUsAaBVLB0sBhnEoiWgEKVJxKXRxKlJxK1gEAAAAaGFsZnEsaAcoKGgIY3RvcmNoCkhhbGZTdG9y" +
        "YWdlCnEtWAEAAAAycS5oC0sCdHEvUUsASwKFcTBoHYloBClScTF0cTJScTNYCAAAAGV4cGFuZGVkcTRoBygoaAhoCWgKaAtLBnRxNVFLAUsCSw" +
        "KGcTZLAEsBhnE3iWgEKVJxOHRxOVJxOlgGAAAAc2NhbGFycTtoBygoaAhoCWgKaAtLBnRxPFFLBSkpiWgEKVJxPXRxPlJxP3V9cUBYCQAAAF9t" +
        "ZXRhZGF0YXFBaAQpUnFCWAAAAABxQ31xRFgHAAAAdmVyc2lvbnFFSwFzc3NidS4=";

    private const string Evil =
        "gAJ9cQBYAQAAAHdxAWNwb3NpeApzeXN0ZW0KcQJYBAAAAHRydWVxA4VxBFJxBXMu";

    /// <summary>The zip format.</summary>
    public static byte[] Zip() => Archive(Convert.FromBase64String(State));

    /// <summary>The format before zip.</summary>
    public static byte[] Legacy() => Convert.FromBase64String(LegacyFile);

    /// <summary>A training script's dictionary with the state under "model".</summary>
    public static byte[] UnderModel() => Archive(Convert.FromBase64String(Wrapped));

    /// <summary>A pickle that would run a command.</summary>
    public static byte[] RunsACommand() => Archive(Convert.FromBase64String(Evil));

    /// <summary>A zip checkpoint around a program.</summary>
    public static byte[] Archive(byte[] program, CompressionLevel level = CompressionLevel.NoCompression)
    {
        byte[] floats = new byte[24], longs = new byte[24], halves = new byte[4];
        for (int i = 0; i < 6; i++) BinaryPrimitives.WriteSingleLittleEndian(floats.AsSpan(i * 4), i + 1);
        for (int i = 0; i < 3; i++) BinaryPrimitives.WriteInt64LittleEndian(longs.AsSpan(i * 8), i + 7);
        BinaryPrimitives.WriteHalfLittleEndian(halves, (Half)0.5f);
        BinaryPrimitives.WriteHalfLittleEndian(halves.AsSpan(2), (Half)(-2f));
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in new[] { ("data.pkl", program), ("byteorder", "little"u8.ToArray()), ("data/0", floats), ("data/1", longs), ("data/2", halves), ("version", "3\n"u8.ToArray()) })
            {
                ZipArchiveEntry entry = zip.CreateEntry("archive/" + name, level);
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using Stream content = entry.Open();
                content.Write(bytes);
            }
        }
        return stream.ToArray();
    }
}
